using System.Runtime.InteropServices;
using ModelCompiler.Runtime.Native;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Native;

public sealed unsafe class OrtLibraryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_library_beside_the_program_is_loaded_and_says_what_it_is()
    {
        string native = Path.Combine(AppContext.BaseDirectory, "runtimes", LibraryLocator.RuntimeIdentifier, "native", LibraryLocator.FileName);

        Assert.Equal(native, OrtEnvironment.LibraryPath);
        Assert.Equal("1.30.0", OrtEnvironment.Version);
        Assert.Equal(30, OrtEnvironment.ApiVersion);
        Assert.Contains("CPUExecutionProvider", OrtEnvironment.AvailableProviders);
        Assert.Contains("git-commit-id", OrtEnvironment.BuildInfo, StringComparison.Ordinal);
    }

    [Fact]
    public void An_explicit_path_is_the_only_place()
    {
        string path = Path.Combine(_folder, "nothing.so");

        var error = Assert.Throws<NativeLibraryException>(() => OrtLibrary.Load(path));

        Assert.Equal("OM5010", error.Code);
        Assert.Equal(new LoadAttempt(path, "not there"), Assert.Single(error.Attempts));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(LibraryLocator.PathVariable, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_explicit_path_is_loaded_from_anywhere()
    {
        string path = Path.Combine(_folder, "other name.so");
        File.CreateSymbolicLink(path, OrtEnvironment.LibraryPath);

        Assert.Equal((path, "1.30.0"), (OrtLibrary.Load(path).Path, OrtLibrary.Load(path).Version));
    }

    [Fact]
    public void The_environment_variable_goes_before_the_switch()
    {
        // Other tests run meanwhile: whatever they load from here must be the library they expect.
        string library = OrtEnvironment.LibraryPath, same = Path.Combine(AppContext.BaseDirectory, ".", Path.GetRelativePath(AppContext.BaseDirectory, library));
        try
        {
            AppContext.SetData(LibraryLocator.PathSwitch, same);
            Assert.Equal(same, LibraryLocator.ExplicitPath);
            Environment.SetEnvironmentVariable(LibraryLocator.PathVariable, library);
            Assert.Equal(library, LibraryLocator.ExplicitPath);
        }
        finally
        {
            Environment.SetEnvironmentVariable(LibraryLocator.PathVariable, null);
            AppContext.SetData(LibraryLocator.PathSwitch, null);
        }

        Assert.Null(LibraryLocator.ExplicitPath);
    }

    [Fact]
    public void A_file_that_is_no_library_is_an_error_with_the_reason()
    {
        string path = Path.Combine(_folder, LibraryLocator.FileName);
        File.WriteAllText(path, "version https://git-lfs.github.com/spec/v1");

        var error = Assert.Throws<NativeLibraryException>(() => OrtLibrary.Load(path));

        Assert.Equal("OM5010", error.Code);
        Assert.Equal(path, error.Attempts[^1].Path);
        Assert.NotEqual("not there", error.Attempts[^1].Outcome);
    }

    [Fact]
    public void Another_library_is_an_error_that_says_so()
    {
        string path = Directory.GetFiles(RuntimeEnvironment.GetRuntimeDirectory(), "*System.Native.*").Single(file => !file.EndsWith(".dll", StringComparison.Ordinal) || OperatingSystem.IsWindows());

        var error = Assert.Throws<NativeLibraryException>(() => OrtLibrary.Load(path));

        Assert.Contains("OrtGetApiBase", error.Attempts[^1].Outcome, StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_that_is_too_old_is_an_error_that_names_both_versions()
    {
        var old = new FakeApiBase { GetApi = &NoApi, GetVersionString = &OldVersion };

        NativeLibraryException? error = null;
        try
        {
            OrtLibrary.Bind("/old/libonnxruntime.so", (OrtApiBase*)&old, []);
        }
        catch (NativeLibraryException e)
        {
            error = e;
        }

        Assert.NotNull(error);
        Assert.Equal("OM5011", error.Code);
        Assert.Contains("'/old/libonnxruntime.so' has version 1.14.1; version 1.15 or newer is needed", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.30.0", 30)]
    [InlineData("1.9.1", 9)]
    [InlineData("1.31.0-dev", 31)]
    [InlineData("2.0.0", 0)]
    [InlineData("", 0)]
    [InlineData("one.two", 0)]
    public void The_version_tells_the_api(string version, int api) => Assert.Equal(api, OrtLibrary.ApiVersionOf(version));

    [Fact]
    public void Places_are_searched_in_order_and_once()
    {
        string[] files = [.. LibraryLocator.Files()];

        Assert.Equal(files.Distinct(), files);
        Assert.EndsWith(Path.Combine("runtimes", LibraryLocator.RuntimeIdentifier, "native", LibraryLocator.FileName), files[0], StringComparison.Ordinal);
        Assert.Equal(Path.Combine(AppContext.BaseDirectory, LibraryLocator.FileName), files[1]);
        Assert.All(files, file => Assert.True(Path.IsPathFullyQualified(file)));
    }

    [UnmanagedCallersOnly]
    private static nint* NoApi(uint version) => null;

    [UnmanagedCallersOnly]
    private static byte* OldVersion()
    {
        // Lives in the data of the assembly, zero-terminated as every UTF-8 literal.
        fixed (byte* text = "1.14.1"u8)
        {
            return text;
        }
    }

    /// <summary>The layout of <see cref="OrtApiBase"/>, to be filled.</summary>
    private struct FakeApiBase
    {
        public delegate* unmanaged<uint, nint*> GetApi;
        public delegate* unmanaged<byte*> GetVersionString;
    }
}
