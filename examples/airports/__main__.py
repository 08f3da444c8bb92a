"""The demonstration on the command line."""

import sys

from .demo import main

sys.exit(main())
