"""Large values of fields kept in blobs (claim check): a driver over the store's own driver."""
