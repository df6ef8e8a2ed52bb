"""`python -m tarmac`"""

from __future__ import annotations

from tarmac.cli.main import main

if __name__ == "__main__":
    main()
