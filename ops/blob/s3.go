package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"net/url"
	"path"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3Options say where a bucket is and who asks.
type S3Options struct {
	Endpoint  string // https://host[:port]
	Bucket    string // exists already: creating it is the operator's decision
	Prefix    string // of every key
	Region    string
	AccessKey string
	SecretKey string
	Transport http.RoundTripper // nil: the default
}

// S3 keeps contents in a bucket of any server that speaks S3. The server checks each
// content against its hash as it arrives.
//
// There is no lock across its clients: of a content that nobody wanted for as long as the
// sweep waits, an upload in the very milliseconds in which the sweep removes it is lost.
type S3 struct {
	client         *minio.Client
	bucket, prefix string
}

// OpenS3 connects to nothing yet; Check does.
func OpenS3(o S3Options) (*S3, error) {
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("that is not the address of an S3 server")
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds: credentials.NewStaticV4(o.AccessKey, o.SecretKey, ""), Secure: u.Scheme == "https", Region: o.Region, Transport: o.Transport,
		BucketLookup: minio.BucketLookupPath,
	})
	if err != nil {
		return nil, fmt.Errorf("open S3: %w", err)
	}
	return &S3{client, o.Bucket, o.Prefix}, nil
}

func (s *S3) key(sum string) string { return path.Join(s.prefix, sum) }

// Put implements Store. The content goes through a local file: its key and length are known
// only at its end, and what was interrupted must not be there at all.
func (s *S3) Put(ctx context.Context, content io.Reader) (sum string, size int64, err error) {
	f, err := spool("", content)
	if err != nil {
		return "", 0, err
	}
	defer f.discard()
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", 0, fmt.Errorf("keep a content: %w", err)
	}
	_, err = s.client.PutObject(ctx, s.bucket, s.key(f.sum), f, f.size, minio.PutObjectOptions{
		ContentType: "application/octet-stream", DisableMultipart: true, SendContentMd5: true,
	})
	if err != nil {
		return "", 0, fmt.Errorf("keep a content: %w", err)
	}
	return f.sum, f.size, nil
}

// Open implements Store.
func (s *S3) Open(ctx context.Context, sum string) (io.ReadCloser, error) {
	if !valid(sum) {
		return nil, fs.ErrNotExist
	}
	o, err := s.client.GetObject(ctx, s.bucket, s.key(sum), minio.GetObjectOptions{})
	if err == nil {
		if _, err = o.Stat(); err == nil { // the request leaves with the first question
			return verify(o, sum), nil
		}
		_ = o.Close()
	}
	return nil, fmt.Errorf("open a content: %w", absent(err))
}

// Each implements Store.
func (s *S3) Each(ctx context.Context) iter.Seq2[Content, error] {
	return func(yield func(Content, error) bool) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		for o := range s.client.ListObjects(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.prefix, Recursive: true}) {
			if o.Err != nil {
				yield(Content{}, fmt.Errorf("list the contents: %w", o.Err))
				return
			}
			name := path.Base(o.Key)
			if !valid(name) || s.key(name) != o.Key {
				continue // somebody else's
			}
			if !yield(Content{name, o.Size, o.LastModified}, nil) {
				return
			}
		}
	}
}

// Remove implements Store.
func (s *S3) Remove(ctx context.Context, sum string, before time.Time) (bool, error) {
	if !valid(sum) {
		return false, nil
	}
	info, err := s.client.StatObject(ctx, s.bucket, s.key(sum), minio.StatObjectOptions{})
	if err = absent(err); errors.Is(err, fs.ErrNotExist) || err == nil && !info.LastModified.Before(before) {
		return false, nil
	}
	if err == nil {
		err = s.client.RemoveObject(ctx, s.bucket, s.key(sum), minio.RemoveObjectOptions{})
	}
	if err != nil {
		return false, fmt.Errorf("remove a content: %w", err)
	}
	return true, nil
}

// Check implements Store.
func (s *S3) Check(ctx context.Context) error {
	ok, err := s.client.BucketExists(ctx, s.bucket)
	if err == nil && !ok {
		err = errors.New("it does not exist")
	}
	if err != nil {
		return fmt.Errorf("look at the bucket %s: %w", s.bucket, err)
	}
	return nil
}

// absent translates what S3 answers to a key that is not there.
func absent(err error) error {
	if err != nil && minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return fs.ErrNotExist
	}
	return err
}
