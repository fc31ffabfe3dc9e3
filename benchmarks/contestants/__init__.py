"""The programs that the worker is compared with. The environment tells each what to read and where to write.

Each program reads all records of its inputs from the beginning, and ends after the last one. Then it prints one line
of JSON with the seconds from its first record to the end of the last one.
"""
