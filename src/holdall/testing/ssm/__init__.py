"""
The rules of AWS Systems Manager Parameter Store for requests, which servers that imitate it keep in part only.

    check("PutParameter", {"Name": "/shop/fee", "Value": "7", "Type": "String"})    # raises RequestRefused

    with watching():    # the same of every request that boto3, aioboto3 and holdall's own client make
        ...

After the AWS Systems Manager API Reference. Whatever depends on what is stored (is the parameter there, of which tier
and type is it) is left to the server. `holdall.testing.ssm.extension` is a server of another protocol: that of the
Lambda extension for parameters.
"""

from .errors import RequestRefused
from .rules import check
from .watch import watching

__all__ = ["RequestRefused", "check", "watching"]
