#!/bin/sh
# sh refused.sh FOLDER SENTENCE COMMAND...: in a fresh folder of bad input, the command must fail, say the sentence and leave
# no file behind. Its status 77 is a skipped test.
set -eu

folder=$1 sentence=$2
shift 2
rm -rf "$folder"
mkdir -p "$folder/truncated" "$folder/short" "$folder/nan" "$folder/locked" "$folder/own"
cd "$folder"
chmod 555 locked
printf '\000\000\010' >truncated/train-images-idx3-ubyte
echo "a file" >file
printf 'ops,c10_valid_200,c10_test_200\n421211,81.98,85.86\n' >short/nas_bench_201.csv
printf 'ops,c10_valid_200,c10_test_200\n421211,nan,85.86\n' >nan/nas_bench_201.csv
printf 'vertices,adj,ops,params,test_correct_of_29952\n2,1,-,1,27000\n' >short/nas_bench_101.csv
columns='stem,residual,blocks[0].op,blocks[0].kernel,blocks[1].op,blocks[1].kernel,accuracy'
own() {
  name=$1
  shift
  printf '%s\n' "$@" >"own/$name.csv"
}
own column 'stem,residual,blocks[0].op,accuracy' '16,true,conv,91'
own value "$columns" '16,true,conv,3,,,91' '16,true,conv,7,,,90'
own repeated "$columns" '16,true,conv,3,,,91' '16,true,conv,5,,,92' '16,True,conv,3.0,,,90'
own gap "$columns,blocks[2].op,blocks[2].kernel" '16,true,conv,3,,,91,conv,3'
own nan "$columns" '16,true,conv,3,,,91' '16,true,conv,5,,,nan'
own lacks "$columns" '16,true,conv,3,,,91'
own empty "$columns"
own digits 'arch,accuracy' '0001,91' '0021,90'
before=$(find . -type f | sort)

status=0
said=$("$@" 2>&1) || status=$?
printf '%s\n' "$said"
[ "$status" != 77 ] || exit 77
if [ "$status" = 0 ] || [ "$status" -ge 128 ]; then
  echo "expected a failure, got status $status"
  exit 1
fi
case $said in
  *"$sentence"*) ;;
  *)
    echo "expected the sentence: $sentence"
    exit 1
    ;;
esac
if [ "$(find . -type f | sort)" != "$before" ]; then
  echo "a file was left behind"
  exit 1
fi
