"""
The Data API of Aurora over a PostgreSQL or MySQL server of your own, for tests.

    python -m holdall.testing.data_api --postgres postgresql://user@127.0.0.1/database
    python -m holdall.testing.data_api --mysql mysql://user@127.0.0.1/database

    with serving("postgresql://user@127.0.0.1/database") as api:
        client = boto3.client("rds-data", endpoint_url=api.url)

It answers as the service for Aurora Serverless v2 does: values are bound with the types that the service binds them
with, so that what is refused there for want of a cast is refused here; results have the service's fields, its limits
hold, and its errors have their names. It looks for a signature, but doesn't check it, and any ARN will do. Faults come
on order, by `api.order(...)` or a POST of JSON to `/_faults`.

Sources: the service's model in botocore (2018-08-01), the Aurora guide ("Using the Amazon RDS Data API"), and reports
of what it really answers.
"""

from .errors import ApiError
from .faults import Fault
from .server import DataApi, serving

__all__ = ["ApiError", "DataApi", "Fault", "serving"]
