// Unpacks the carried emulator into the user's cache, once for each release. A program found there is whole,
// however many tests and processes unpack it at once.

package chattest

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// unpack writes a packed program into a folder, under a name that tells its contents, and answers its path. What is there under that
// name already was made by this function.
func unpack(packed []byte, folder string) (string, error) {
	sum := sha256.Sum256(packed)
	path := filepath.Join(folder, fileName(programName+"-"+hex.EncodeToString(sum[:8])))
	if isProgram(path) {
		return path, nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	unfinished, err := os.CreateTemp(folder, programName+"-unfinished-")
	if err != nil {
		return "", err
	}
	defer os.Remove(unfinished.Name()) // fails once it has its name
	if err := write(packed, unfinished); err != nil {
		return "", err
	}
	return path, os.Rename(unfinished.Name(), path)
}

func write(packed []byte, file *os.File) error {
	defer file.Close()
	program, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, program); err != nil {
		return err
	}
	if err := file.Chmod(0o700); err != nil {
		return err
	}
	return file.Close()
}

// unpackedProgram is the carried emulator's path; "" where none is carried.
func unpackedProgram() (string, error) {
	if len(carriedProgram) == 0 {
		return "", nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("chattest: no place to unpack %s: %w; set XDG_CACHE_HOME or HOME to a folder that can be written, "+
			"or CHAT_EMULATOR to the program's path", programName, err)
	}
	path, err := unpack(carriedProgram, filepath.Join(cache, "tencent-chat"))
	if err != nil {
		return "", fmt.Errorf("chattest: %s cannot be unpacked: %w; set XDG_CACHE_HOME to a folder that can be written, "+
			"or CHAT_EMULATOR to the program's path", programName, err)
	}
	return path, nil
}
