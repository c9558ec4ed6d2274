# Prints a card with two texts: card.sh QUIET LOUD
set -eu

{
  echo "+--------------------------"
  sed 's/^/| /' "$1" "$2"
  echo "+--------------------------"
} > out/card.txt
