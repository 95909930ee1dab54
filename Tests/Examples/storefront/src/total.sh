#!/bin/sh
# total.sh CUSTOMER ITEMS: the price of that many items; members get a tenth off.
price=$(($2 * 1500))
[ "$1" = member ] && price=$((price - price / 10))
echo "$price"
