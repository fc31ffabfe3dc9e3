"""The demo: real servers, sample plans, an upstream that makes up events, a worker, and a look at who got what."""
