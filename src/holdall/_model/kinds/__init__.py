"""
Kinds of values, and their portable form.

`Kind.lower` takes a program's value to the portable form, exactly or not at all; `Kind.lift` takes it back.
"""

from .base import Kind as Kind
from .collections import UNSET as UNSET
from .collections import Anything as Anything
from .collections import AnythingInside as AnythingInside
from .collections import ListOf as ListOf
from .collections import MapOf as MapOf
from .collections import Nested as Nested
from .collections import Nullable as Nullable
from .collections import SetOf as SetOf
from .collections import TupleOf as TupleOf
from .collections import Union as Union
from .portable import BadValue as BadValue
from .portable import Portable as Portable
from .portable import PortableType as PortableType
from .portable import is_list as is_list
from .portable import is_map as is_map
from .portable import is_number as is_number
from .portable import is_set as is_set
from .portable import portable_type as portable_type
from .portable import show as show
from .portable import significant_digits as significant_digits
from .scalars import EPOCH as EPOCH
from .scalars import AnyNumber as AnyNumber
from .scalars import Bool as Bool
from .scalars import Bytes as Bytes
from .scalars import Choice as Choice
from .scalars import Date as Date
from .scalars import DateTime as DateTime
from .scalars import DecimalNumber as DecimalNumber
from .scalars import Duration as Duration
from .scalars import EnumMember as EnumMember
from .scalars import Expiry as Expiry
from .scalars import Float as Float
from .scalars import Int as Int
from .scalars import Number as Number
from .scalars import Str as Str
from .scalars import Time as Time
from .scalars import Uuid as Uuid
