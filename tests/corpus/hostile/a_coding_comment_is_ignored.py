# The source is UTF-8, whatever it claims.
# option: {"code": ["# -*- coding: latin-1 -*-\nprint('é')"]}
# output: ["é"]
