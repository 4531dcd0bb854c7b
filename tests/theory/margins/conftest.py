"""Hand-written models are a module too: tests import it by its file name."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
