"""The checker: every guarantee recomputed from the tables and the topics, as far back as they are retained.

It is right also while workers run. The tables are read in one snapshot, the topics after it: what the snapshot holds
must be published or pending by then. What the topics hold beyond it is looked for in a second, later snapshot.
The inputs are read again only as far as the snapshot's positions, and decoded as this release does it.
"""

from worker.verify.check import verify
from worker.verify.report import Report, Violation

__all__ = ["Report", "Violation", "verify"]
