"""The published contract: what is read (`inbound`), what is sent (`outbound`), schemas and examples."""
