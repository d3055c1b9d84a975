# SPDX-License-Identifier: Apache-2.0
import numpy
import pandas
rows = numpy.arange(1_000_000)
million = pandas.DataFrame({'key': rows % 1000, 'value': rows.astype(float)})
