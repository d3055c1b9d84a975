# SPDX-License-Identifier: Apache-2.0
import numpy
import pandas
df = pandas.DataFrame(numpy.ones((megabytes, 125_000)).T, copy=False)
