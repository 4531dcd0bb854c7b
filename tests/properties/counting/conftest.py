"""study_cases is imported by its file name: by tests, and by processes that tests start."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
