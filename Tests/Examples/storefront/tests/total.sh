#!/bin/sh
# total.sh CUSTOMER ITEMS TOTAL
case "$1-$2" in
    guest-1) want=1500 ;;
    guest-3) want=4500 ;;
    member-1) want=1350 ;;
    member-3) want=4050 ;;
    member-10) want=13500 ;;
esac
[ "$3" = "$want" ] || { echo "::error file=src/total.sh,line=4::$1 with $2 items: expected $want, got $3"; exit 1; }
