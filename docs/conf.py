"""Sphinx configuration: everything is built offline, and every warning is an error."""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "tellapart"
author = "The tellapart authors"
copyright = "The tellapart authors"
version = release = installed_version("tellapart")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "docstrings",  # this and the next: docs/_extensions
    "tables",
    "statements",
    "theory_figures",
]
exclude_patterns = ["_build"]
source_suffix = {".md": "markdown"}

# Mathematics is plain Unicode text: MathJax would load from the network.
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 80
napoleon_google_docstring = False
napoleon_attr_annotations = False
napoleon_use_ivar = True  # fields of dataclasses appear once, in the description of the class
suppress_warnings = ["ref.python"]  # fields of one name, such as n_blocks, in several classes

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["theory.css"]
html_title = f"tellapart {release}"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
