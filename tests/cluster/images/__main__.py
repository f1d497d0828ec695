"""`python -m cluster.images`, as the Makefile calls it."""

import sys

from cluster.images.cli import main

sys.exit(main())
