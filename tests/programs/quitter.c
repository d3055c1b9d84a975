/* SPDX-License-Identifier: Apache-2.0 */
/* quitter.c: a worker program that ends at once. */
int main(void)
{
    return 3;
}
