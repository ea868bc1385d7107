package drillmaster_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestTheReadmesDefinitionAndItsTestsWork(t *testing.T) {
	sdk, err := os.Getwd()
	succeeds(t, err)
	readme, err := os.ReadFile("README.md")
	succeeds(t, err)
	blocks := regexp.MustCompile("(?s)```(?:go|text)\n(.*?)```").FindAllSubmatch(readme, 3)
	shop := t.TempDir()
	for at, name := range []string{"go.mod", "main.go", "main_test.go"} {
		text := strings.ReplaceAll(string(blocks[at][1]), "./sdk", sdk)
		succeeds(t, os.WriteFile(filepath.Join(shop, name), []byte(text), 0o644))
	}
	for _, arguments := range [][]string{{"vet", "."}, {"test", "."}} {
		command := exec.Command("go", arguments...)
		command.Dir = shop
		output, err := command.CombinedOutput()
		if err != nil {
			t.Errorf("go %s: %v\n%s", strings.Join(arguments, " "), err, output)
		}
	}
}
