# A string alone is an expression like any other.
"""documentation"""
# value: "'documentation'"
