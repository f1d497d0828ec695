package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	api "k8s.io/kubelet/pkg/apis/deviceplugin/v1beta1"
)

const (
	pause   = 500 * time.Millisecond
	timeout = 5 * time.Second
)

// serve offers the plugin's devices until the context ends. Each start of the kubelet empties its folder of sockets and
// makes its own anew: whenever either has changed, or the kubelet listens no more, a new plugin registers.
func serve(ctx context.Context, resource string, count int, folder, socket string) error {
	kubelet := filepath.Join(folder, filepath.Base(api.KubeletSocket))
	waiting := ""
	for ctx.Err() == nil {
		seen, err := identify(kubelet)
		if err == nil {
			err = offer(ctx, newPlugin(resource, count), kubelet, socket, seen)
		}
		// Said once, not twice a second: the kubelet may be long in coming.
		if err != nil && ctx.Err() == nil && err.Error() != waiting {
			waiting = err.Error()
			log.Printf("waiting for the kubelet: %v", err)
		}
		if err == nil {
			waiting = ""
		}
		sleep(ctx)
	}
	return ctx.Err()
}

// offer listens, registers, and returns once the kubelet's socket is another or ours is gone.
func offer(ctx context.Context, p *plugin, kubelet, socket string, seen identity) error {
	if err := os.Remove(socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	api.RegisterDevicePluginServer(server, p)
	go func() { _ = server.Serve(listener) }() // ends with Stop, and then has nothing to say
	defer server.Stop()
	if err := register(ctx, p, kubelet, socket); err != nil {
		return err
	}
	log.Printf("registered %d of %s", len(p.devices), p.resource)
	own, err := identify(socket)
	if err != nil {
		return err
	}
	for ctx.Err() == nil && same(kubelet, seen) && same(socket, own) {
		select {
		case <-p.unheard:
			return nil
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
	return nil
}

func register(ctx context.Context, p *plugin, kubelet, socket string) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	connection, err := grpc.NewClient("unix://"+kubelet, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	_, err = api.NewRegistrationClient(connection).Register(ctx, &api.RegisterRequest{
		Version:      api.Version,
		Endpoint:     filepath.Base(socket),
		ResourceName: p.resource,
		Options:      &api.DevicePluginOptions{},
	})
	if err != nil {
		return fmt.Errorf("it did not take the registration: %w", err)
	}
	return nil
}

// identity tells one socket from the next of the same name. An inode alone may be used again at once.
type identity struct {
	inode   uint64
	changed syscall.Timespec
}

func identify(path string) (identity, error) {
	var found syscall.Stat_t
	if err := syscall.Stat(path, &found); err != nil {
		return identity{}, fmt.Errorf("%s: %w", path, err)
	}
	return identity{inode: found.Ino, changed: found.Ctim}, nil
}

func same(path string, before identity) bool {
	now, err := identify(path)
	return err == nil && now == before
}

func sleep(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(pause):
	}
}
