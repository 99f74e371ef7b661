"""The engine for more than one machine: an index on an OpenSearch cluster."""
