# SPDX-License-Identifier: Apache-2.0
print('x' * (1 << 20))
