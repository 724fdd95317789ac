"""`python -m microgpt`: the command line."""

import sys

from microgpt.cli.main import main

sys.exit(main())
