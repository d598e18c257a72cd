// Checks a node's published log by Go's own implementation of transparency logs, golang.org/x/mod/sumdb, which knows nothing
// of ours: signature, root, every record, and that the log grew from checkpoints seen earlier. Nothing is believed that the
// log's keys and hashes do not carry.
//
//	go run log.go URL VKEY [EARLIER-CHECKPOINT-FILE...]
//
// What must be refused is tried too, with one byte of what the log served changed at a time. Ends with 1 where anything is not
// as it must be.
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	// Longest answer that is read: a bundle of 256 entries of the greatest length.
	maxAnswerBytes = tileWidth * (2 + 65535)
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: log URL VKEY [EARLIER-CHECKPOINT-FILE...]")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
}

func run(url, vkey string, earlier []string) error {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return fmt.Errorf("verifier key: %w", err)
	}
	signed, err := get(url + "/checkpoint")
	if err != nil {
		return err
	}
	tree, err := open(signed, verifier)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	tiles := &served{url: url}
	if err := checkRoot(tree, tiles); err != nil {
		return fmt.Errorf("root: %w", err)
	}
	records, err := readRecords(url, tree.N)
	if err != nil {
		return err
	}
	for n, record := range records {
		if err := checkRecord(tree, tiles, int64(n), record); err != nil {
			return fmt.Errorf("record %d: %w", n, err)
		}
	}
	fmt.Printf("checkpoint of %d: signature, root and all records verified\n", tree.N)
	for _, file := range earlier {
		old, err := openFile(file, verifier)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := checkGrowth(old, tree, tiles); err != nil {
			return fmt.Errorf("growth from %d: %w", old.N, err)
		}
		fmt.Printf("growth from %d verified\n", old.N)
		old.Hash[0] ^= 1
		if checkGrowth(old, tree, tiles) == nil {
			return fmt.Errorf("control: growth from another root at %d was accepted", old.N)
		}
	}
	return controls(signed, verifier, tree, tiles, records)
}

// open verifies the log's signature and reads the checkpoint. The log's name is that of its key.
func open(signed []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 1 || strconv.FormatInt(size, 10) != lines[1] {
		return tlog.Tree{}, fmt.Errorf("size %q", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return tlog.Tree{}, err
	}
	return tlog.Tree{N: size, Hash: root}, nil
}

func openFile(file string, verifier note.Verifier) (tlog.Tree, error) {
	signed, err := os.ReadFile(file)
	if err != nil {
		return tlog.Tree{}, err
	}
	return open(signed, verifier)
}

// checkRoot computes the root from the tiles; the reader itself refuses tiles that do not lead to the root.
func checkRoot(tree tlog.Tree, tiles tlog.TileReader) error {
	root, err := tlog.TreeHash(tree.N, tlog.TileHashReader(tree, tiles))
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return fmt.Errorf("the tiles lead to %v, the checkpoint says %v", root, tree.Hash)
	}
	return nil
}

func checkRecord(tree tlog.Tree, tiles tlog.TileReader, n int64, record []byte) error {
	proof, err := tlog.ProveRecord(tree.N, n, tlog.TileHashReader(tree, tiles))
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, n, tlog.RecordHash(record))
}

func checkGrowth(old, tree tlog.Tree, tiles tlog.TileReader) error {
	proof, err := tlog.ProveTree(tree.N, old.N, tlog.TileHashReader(tree, tiles))
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash)
}

// readRecords reads the entries of a tree of the given size, bundle by bundle.
func readRecords(url string, size int64) ([][]byte, error) {
	var records [][]byte
	for first := int64(0); first < size; first += tileWidth {
		width := int64(tileWidth)
		if size-first < width {
			width = size - first
		}
		// The reference calls entries "data"; the place is spelled the same.
		tile := tlog.Tile{H: tileHeight, L: 0, N: first / tileWidth, W: int(width)}
		path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
		bundle, err := get(url + "/" + path)
		if err != nil {
			return nil, err
		}
		for place := int64(0); place < width; place++ {
			if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
				return nil, fmt.Errorf("%s ends within entry %d", path, place)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			records = append(records, bundle[2:end])
			bundle = bundle[end:]
		}
		if len(bundle) != 0 {
			return nil, fmt.Errorf("%s holds more than its entries", path)
		}
	}
	return records, nil
}

// controls changes one thing at a time and demands that it is refused: a check that accepts everything shows nothing.
func controls(signed []byte, verifier note.Verifier, tree tlog.Tree, tiles *served, records [][]byte) error {
	for at := range signed[:bytes.Index(signed, []byte("\n\n"))] {
		forged := append([]byte(nil), signed...)
		forged[at] ^= 1
		if _, err := open(forged, verifier); err == nil {
			return fmt.Errorf("control: a checkpoint with byte %d changed was accepted", at)
		}
	}
	wrong := tree
	wrong.Hash[31] ^= 1
	if checkRoot(wrong, tiles) == nil {
		return fmt.Errorf("control: another root was accepted")
	}
	last := tree.N - 1
	for _, n := range []int64{0, last / 2, last} {
		forged := append([]byte(nil), records[n]...)
		forged[len(forged)-1] ^= 1
		if checkRecord(tree, tiles, n, forged) == nil {
			return fmt.Errorf("control: record %d with a byte changed was accepted", n)
		}
		if last > 0 && checkRecord(tree, tiles, (n+1)%tree.N, records[n]) == nil {
			return fmt.Errorf("control: record %d was accepted at another place", n)
		}
	}
	altered := 0
	for _, path := range tiles.seen {
		flipped := &served{url: tiles.url, flip: path}
		refused := checkRoot(tree, flipped) != nil
		for n := int64(0); !refused && n < tree.N; n++ {
			refused = checkRecord(tree, flipped, n, records[n]) != nil
		}
		if !refused {
			return fmt.Errorf("control: %s with a byte changed was accepted", path)
		}
		altered++
	}
	if altered == 0 {
		return fmt.Errorf("control: no tile was read")
	}
	fmt.Printf("refused: a changed checkpoint, root and record, and each of %d tiles with a byte changed\n", altered)
	return nil
}

// served reads tiles from the log, each once; of the one at the path flip it changes a byte.
type served struct {
	url  string
	flip string
	kept map[string][]byte
	seen []string
}

func (s *served) Height() int { return tileHeight }

func (s *served) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		// The reference names the height in its paths, C2SP does not.
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, ok := s.kept[path]
		if !ok {
			var err error
			if data, err = get(s.url + "/" + path); err != nil {
				return nil, err
			}
			if len(data) != tile.W*tlog.HashSize {
				return nil, fmt.Errorf("%s has %d bytes", path, len(data))
			}
			if path == s.flip {
				data[len(data)/2] ^= 1
			}
			if s.kept == nil {
				s.kept = map[string][]byte{}
			}
			s.kept[path] = data
			s.seen = append(s.seen, path)
		}
		all = append(all, data)
	}
	return all, nil
}

func (s *served) SaveTiles([]tlog.Tile, [][]byte) {}

func get(url string) ([]byte, error) {
	answer, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswerBytes+1))
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK || len(body) > maxAnswerBytes {
		return nil, fmt.Errorf("%s: %s", url, answer.Status)
	}
	return body, nil
}
