"""Helpers for these tests lie in a script that is imported by its file name."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
