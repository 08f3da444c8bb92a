"""
Amazon S3's protocol, REST-XML, as far as its operations are in use: parameters and answers as boto3 has them.

After the description of the protocol in Smithy (https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html) and the
Amazon S3 API Reference. All but `client` is pure.
"""
