"""The demo starts real servers, an upstream with made-up events and a worker, and shows the managers' leads.

`make console` (`office.py`) runs the console beside them, with a week of made-up history.
"""
