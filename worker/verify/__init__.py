"""The checker recomputes every guarantee from the tables and the topics, as far back as these still hold records.

Its results are right while workers run, too. It reads the tables in one snapshot, and the topics after it. So each
assignment of the snapshot must be published or pending. Newer messages must be in a second, later snapshot.
The checker reads the inputs again up to the snapshot's positions, and decodes them with this release.
"""

from worker.verify.check import verify
from worker.verify.report import Report, Violation

__all__ = ["Report", "Violation", "verify"]
