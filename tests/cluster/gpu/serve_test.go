package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	api "k8s.io/kubelet/pkg/apis/deviceplugin/v1beta1"
)

// kubelet takes registrations as the real one does.
type kubelet struct {
	api.UnimplementedRegistrationServer
	registered chan *api.RegisterRequest
}

func (k *kubelet) Register(_ context.Context, request *api.RegisterRequest) (*api.Empty, error) {
	k.registered <- request
	return &api.Empty{}, nil
}

// start listens in the folder, as a kubelet that has just started: with a socket of its own and no other.
func (k *kubelet) start(t *testing.T, folder string) *grpc.Server {
	t.Helper()
	sockets, _ := filepath.Glob(filepath.Join(folder, "*.sock"))
	for _, socket := range sockets {
		_ = os.Remove(socket)
	}
	listener, err := net.Listen("unix", filepath.Join(folder, "kubelet.sock"))
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	api.RegisterRegistrationServer(server, k)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return server
}

func (k *kubelet) await(t *testing.T) *api.RegisterRequest {
	t.Helper()
	select {
	case request := <-k.registered:
		return request
	case <-time.After(10 * time.Second):
		t.Fatal("the plugin did not register")
		return nil
	}
}

func begin(t *testing.T) (*kubelet, string) {
	t.Helper()
	// Not t.TempDir: the path of a socket may be no longer than 108 bytes.
	folder, err := os.MkdirTemp("", "gpu")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, "example.com/gpu", 2, folder, filepath.Join(folder, "plugin.sock")) }()
	t.Cleanup(func() {
		stop()
		<-ended
		_ = os.RemoveAll(folder)
	})
	return &kubelet{registered: make(chan *api.RegisterRequest, 8)}, folder
}

func connect(t *testing.T, socket string) api.DevicePluginClient {
	t.Helper()
	connection, err := grpc.NewClient("unix://"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return api.NewDevicePluginClient(connection)
}

func TestOffersAndAllocatesDevices(t *testing.T) {
	kubelet, folder := begin(t)
	kubelet.start(t, folder)
	request := kubelet.await(t)
	if request.ResourceName != "example.com/gpu" || request.Version != "v1beta1" {
		t.Fatalf("registered as %v", request)
	}
	client := connect(t, filepath.Join(folder, request.Endpoint))
	stream, err := client.ListAndWatch(t.Context(), &api.Empty{})
	if err != nil {
		t.Fatal(err)
	}
	listed, err := stream.Recv()
	if err != nil || len(listed.Devices) != 2 {
		t.Fatalf("listed %v, %v", listed, err)
	}
	ids := []string{listed.Devices[0].ID, listed.Devices[1].ID}
	asked := &api.AllocateRequest{ContainerRequests: []*api.ContainerAllocateRequest{{DevicesIds: ids}}}
	answer, err := client.Allocate(t.Context(), asked)
	if err != nil {
		t.Fatal(err)
	}
	if got := answer.ContainerResponses[0].Envs[visibleDevices]; got != "GPU-headgate-0,GPU-headgate-1" {
		t.Fatalf("the container would see %q", got)
	}
	asked.ContainerRequests[0].DevicesIds = []string{"GPU-headgate-2"}
	if _, err := client.Allocate(t.Context(), asked); err == nil {
		t.Fatal("a device that is not offered was allocated")
	}
}

func TestRegistersAgainWhenTheKubeletRestarts(t *testing.T) {
	kubelet, folder := begin(t)
	server := kubelet.start(t, folder)
	kubelet.await(t)
	server.Stop()
	kubelet.start(t, folder)
	kubelet.await(t)
}

func TestRegistersAgainWhenTheKubeletStopsListening(t *testing.T) {
	kubelet, folder := begin(t)
	kubelet.start(t, folder)
	client := connect(t, filepath.Join(folder, kubelet.await(t).Endpoint))
	ctx, stop := context.WithCancel(t.Context())
	stream, err := client.ListAndWatch(ctx, &api.Empty{})
	if err == nil {
		_, err = stream.Recv()
	}
	stop()
	if err != nil {
		t.Fatal(err)
	}
	kubelet.await(t)
}
