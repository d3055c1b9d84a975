# SPDX-License-Identifier: Apache-2.0
sums = million.groupby('key')['value'].sum()
