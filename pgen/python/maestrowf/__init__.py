"""What a parameter generator written for maestrowf imports, and no more.

This package belongs to the workflow conductor Maestro (npm: maestro-conductor). It stands in for maestrowf while
a generator runs, so that generators run unchanged where maestrowf is not installed. It is put on the module path
for that one process only.
"""
