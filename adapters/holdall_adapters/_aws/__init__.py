"""
Calls to AWS, for the adapters of its services: by a lean client of our own, by boto3, or by aioboto3.

An adapter describes its service (`services.Service`), reads its URL (`connection.connection_of`), and gets from
`client.connect` what it calls. Nothing here knows what a record is.
"""
