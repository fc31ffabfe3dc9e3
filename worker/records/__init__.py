"""A Kafka record as a value. Pure: these modules import only the standard library and each other."""
