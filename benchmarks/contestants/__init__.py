"""What the worker is raced against: one program each, told by the environment what to read and where to write.

Each reads all records of its inputs from the beginning, ends when it has done with the last one, and then prints one
line of JSON: the seconds between its first record at hand and the last one done with.
"""
