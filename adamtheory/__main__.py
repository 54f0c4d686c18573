"""`python -m adamtheory`: the command line."""

from __future__ import annotations

from adamtheory.cli import main

if __name__ == "__main__":
    main()
