"""
Parameters in the variables of the environment.

    env:///SHOP_           those that begin with SHOP_; "db/port" is SHOP_DB__PORT
    env:///                all of them; "db/port" is DB__PORT

Names are in capitals there, with "_" for "-" and ".", and "__" for "/". They are read once, unless `max_age` is given.

Parameters:
    max_age: Seconds that what was read serves; by default "never" is it read anew.
    max_stale: Has no effect, since the environment can always be read.
"""

from .driver import open_config as open_config

__all__ = ["open_config"]
