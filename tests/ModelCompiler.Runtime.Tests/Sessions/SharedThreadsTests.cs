using ModelCompiler.Runtime.Native;
using ModelCompiler.Runtime.Tests.Models;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Sessions;

/// <summary>
/// On a second copy of the library: what a process shares is decided when the library starts, which it has for all other tests. Threads that it makes are
/// known by the name of the thread that made them, which Linux hands on.
/// </summary>
public sealed class SharedThreadsTests : IDisposable
{
    private static int _started;

    /// <summary>Left open, so that their threads are there to be counted: what nobody refers to is closed when memory is collected.</summary>
    private static readonly List<InferenceSession> LeftOpen = [];

    private readonly string _folder = Directory.CreateTempSubdirectory("modelcompiler-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Sessions_of_all_models_run_on_the_same_threads()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Threads are counted as Linux shows them.");
        var (environment, made) = StartLibrary(3);

        // The library may have a thread of its own; the caller's is one of the three.
        Assert.Equal(StartLibrary(1).Made + 2, made);
        Assert.Equal(0, ThreadsMadeBy("shared pool", () => Open(environment, new SessionOptions { SharedThreads = 3 }, count: 4)));
        Assert.Equal(4 * 2, ThreadsMadeBy("own pools", () => Open(environment, new SessionOptions { IntraOpThreads = 3 }, count: 4)));
    }

    [Fact]
    public void Another_number_is_refused()
    {
        _ = OrtEnvironment.Version;

        var none = Assert.Throws<ModelCompilerException>(() => InferenceSession.Open(Product(), new SessionOptions { SharedThreads = 3 }));
        Assert.Equal("OM5032", none.Code);
        Assert.StartsWith("3 threads to share were asked for, and this process has none", none.Message, StringComparison.Ordinal);
        var other = Assert.Throws<ModelCompilerException>(() => StartLibrary(3).Value.With(4));
        Assert.StartsWith("4 threads to share were asked for, and this process has 3", other.Message, StringComparison.Ordinal);
    }

    private static void Open(NativeEnvironment environment, SessionOptions options, int count)
    {
        float[] x = [.. Enumerable.Range(0, 64 * 64).Select(i => (float)(i % 7))];
        for (int i = 0; i < count; i++)
        {
            var session = InferenceSession.Open(environment, Product(), options);
            LeftOpen.Add(session);
            Assert.Equal(9, session.Run([("x", TensorBuffer.Create([64, 64], x))])[0].AsSpan<float>()[3]);
        }
    }

    private static byte[] Product() => new OnnxModel()
        .Input("x", TensorElementType.Float32, 64, 64).Output("y", TensorElementType.Float32, 64, 64).Node("Mul", ["x", "x"], ["y"]).Build();

    private (NativeEnvironment Value, int Made) StartLibrary(int threads)
    {
        string name = $"library {Interlocked.Increment(ref _started)}";
        string copy = Path.Combine(_folder, name);
        File.Copy(OrtEnvironment.LibraryPath, copy);
        NativeEnvironment? environment = null;
        int made = ThreadsMadeBy(name, () =>
        {
            var library = OrtLibrary.Load(copy);
            environment = new NativeEnvironment(library, library.Api, threads);
        });
        return (environment!, made);
    }

    /// <summary>How many threads are there that a thread of this name made.</summary>
    private static int ThreadsMadeBy(string name, Action action)
    {
        int made = 0;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
                made = Directory.GetDirectories("/proc/self/task").Count(task => NameOf(task) == name) - 1;
            }
            catch (Exception e)
            {
                failure = e;
            }
        })
        { Name = name };
        thread.Start();
        thread.Join();
        return failure is null ? made : throw failure;
    }

    private static string? NameOf(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).TrimEnd();
        }
        catch (IOException)
        {
            // A thread that has ended since they were listed, as those of other tests may.
            return null;
        }
    }
}
