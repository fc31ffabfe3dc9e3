"""The demo starts real servers, an upstream with made-up events and a worker, and shows the managers' leads."""
