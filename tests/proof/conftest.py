"""The soundness tests share their catalogue of false statements (falsehoods.py beside this file)."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
