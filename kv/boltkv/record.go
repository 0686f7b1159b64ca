package boltkv

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"scimedge/kv"
)

// sumSize is the trailer of every stored value: its CRC32C, big-endian.
const sumSize = 4

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// partitionSeed starts the checksums of a partition's records. With the name in
// it, a damaged page number that leads into a neighbour's tree is found out
// before one tenant reads another's data.
func partitionSeed(bucket []byte) uint32 { return crc32.Checksum(bucket, castagnoli) }

// checksum covers key and value, and where one ends and the other begins.
func checksum(seed uint32, key, value []byte) uint32 {
	seed ^= uint32(len(key)) * 0x9E3779B1
	return crc32.Update(crc32.Update(seed, castagnoli, key), castagnoli, value)
}

// seal appends the checksum; it does not copy when value has the room.
func seal(seed uint32, key, value []byte) []byte {
	return binary.BigEndian.AppendUint32(value, checksum(seed, key, value))
}

// unseal checks a stored value and returns what Put was given.
func unseal(p kv.Partition, seed uint32, key, stored []byte) ([]byte, error) {
	n := len(stored) - sumSize
	if n < 0 || binary.BigEndian.Uint32(stored[n:]) != checksum(seed, key, stored[:n]) {
		return nil, corrupt(p, key)
	}
	return stored[:n:n], nil
}

func corrupt(p kv.Partition, key []byte) error {
	return fmt.Errorf("%w (partition %q, key %x)", kv.ErrCorrupt, p, key)
}
