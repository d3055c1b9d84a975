# SPDX-License-Identifier: Apache-2.0
import numpy
import pandas
for number in range(100):
    globals()['frame%d' % number] = pandas.DataFrame(numpy.ones((1000, 4)), columns=list('abcd'))
