# SPDX-License-Identifier: Apache-2.0
for i in range(10000):
    print(i)
