// Command gpu-device-plugin offers the kubelet GPUs that do not exist: Kubernetes schedules them, counts them and hands
// them out as it does real ones, and a container that gets one finds its name in its environment. The test cluster runs
// it as one of its components, and takes the line that it prints after registering for the sign that it is ready.
package main

import (
	"context"
	"errors"
	"flag"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

func main() {
	log.SetFlags(log.LstdFlags | log.LUTC)
	resource := flag.String("resource", "nvidia.com/gpu", "extended resource to offer")
	count := flag.Int("count", 2, "how many of it")
	folder := flag.String("socket-dir", "/var/lib/kubelet/device-plugins", "where the kubelet listens for plugins")
	flag.Parse()
	if *count < 0 || !strings.Contains(*resource, "/") {
		log.Fatalf("--count must be 0 or more and --resource a qualified name such as nvidia.com/gpu")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	socket := filepath.Join(*folder, strings.ReplaceAll(*resource, "/", "_")+".sock")
	err := serve(ctx, *resource, *count, *folder, socket)
	if err != nil && !errors.Is(err, context.Canceled) {
		log.Println(err)
		os.Exit(1)
	}
}
