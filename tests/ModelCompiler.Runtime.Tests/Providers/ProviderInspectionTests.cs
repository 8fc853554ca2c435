using System.Runtime.InteropServices;
using System.Text;
using ModelCompiler.Runtime.Native;
using ModelCompiler.Runtime.Tests.Plugin;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Providers;

public sealed class ProviderInspectionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Needed_libraries_are_read_from_the_file()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ELF is the format of Linux.");

        var needed = ElfFile.NeededLibraries(OrtEnvironment.LibraryPath);

        Assert.Contains("libc.so.6", needed);
        Assert.Contains("libstdc++.so.6", needed);
        Assert.All(needed, name => Assert.Contains(".so", name, StringComparison.Ordinal));
    }

    [Fact]
    public void Files_of_other_kinds_and_cut_ones_need_nothing()
    {
        Assert.Empty(ElfFile.NeededLibraries(Write("text", "no library"u8)));
        Assert.Empty(ElfFile.NeededLibraries(Write("empty", [])));
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ELF is the format of Linux.");
        byte[] library = File.ReadAllBytes(OrtEnvironment.LibraryPath);
        foreach (int length in (int[])[20, 64, 100, 200, 600, 5000])
        {
            Assert.Empty(ElfFile.NeededLibraries(Write("cut", library.AsSpan(0, length))));
        }
    }

    [Theory]
    [InlineData("\0ab\01.30.0\0", "1.30.0")]
    [InlineData("\01.2.13\0\01.29.1\0", "1.29.1")]
    [InlineData("\01.2.13\0 1.29.1\0", null)]
    [InlineData("\01.30\0", null)]
    [InlineData("\01.30.0", null)]
    [InlineData("\01.1.1.1\01.", null)]
    public void The_version_is_a_constant_of_the_library(string content, string? expected) =>
        Assert.Equal(expected, ProviderVersion.Find(Encoding.ASCII.GetBytes(content)));

    [Fact]
    public void A_provider_library_of_another_version_is_refused_before_it_is_loaded()
    {
        var description = ProviderDescription.Of(ExecutionProvider.Cuda);
        string library = BesideProvider("\01.29.0\0"u8);

        var error = ProviderInspection.Obstacle(LibraryAt(library), [description.RuntimeName], description);

        Assert.Equal("OM5015", error!.Descriptor.Id);
        string text = error.Descriptor.Text(error.Arguments);
        Assert.Contains("1.29.0", text, StringComparison.Ordinal);
        Assert.Contains(OrtEnvironment.Version, text, StringComparison.Ordinal);
        Assert.Contains("Microsoft.ML.OnnxRuntime.Gpu", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_stands_against_a_provider_library_of_the_same_version()
    {
        var description = ProviderDescription.Of(ExecutionProvider.Cuda);
        string library = BesideProvider(Encoding.ASCII.GetBytes($"\0{OrtEnvironment.Version}\0"));

        Assert.Null(ProviderInspection.Obstacle(LibraryAt(library), [description.RuntimeName], description));
    }

    /// <summary>The libraries that the real ones of version 1.29 need, as build/gpu-sample.sh meets them.</summary>
    [Fact]
    public void Products_that_are_missing_are_named_with_their_version_and_files()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ELF is the format of Linux.");
        Assert.SkipWhen(NativeLibrary.TryLoad("libcuda.so.1", out _), "This machine misses less.");
        var description = ProviderDescription.Of(ExecutionProvider.TensorRt);
        string library = BesideProvider([], "onnxruntime_providers_shared");
        Write("libonnxruntime_providers_tensorrt.so", [.. TrampolineLibrary.Bytes("libnvinfer.so.10", "libcublas.so.13", "libnvonnxparser.so.10", "libcudnn.so.9", "libc.so.6"), .. Encoding.ASCII.GetBytes($"\0{OrtEnvironment.Version}\0")]);

        var status = ProviderInspection.Inspect(LibraryAt(library), [description.RuntimeName], description);

        Assert.Equal("OM5016", status.Code);
        Assert.Equal(
            "The execution provider TensorRt needs TensorRT 10 (libnvinfer.so.10, libnvonnxparser.so.10), CUDA 13 (libcublas.so.13), cuDNN 9 (libcudnn.so.9) and the NVIDIA driver "
            + "(libcuda.so.1), which the system's loader does not find. " + description.Remedy,
            status.Problem);
    }

    [Fact]
    public void Files_of_nobody_known_are_named_alone() => Assert.Equal(
        "the Vulkan loader (libvulkan.so.1) and libother.so.3", MissingLibraries.Describe(["libother.so.3", "libvulkan.so.1"], ProviderDescription.Of(ExecutionProvider.WebGpu).LibraryOwners));

    [Fact]
    public void A_failed_check_is_told_without_its_source() => Assert.Equal(
        "Failed to get a WebGPU adapter: No supported adapters",
        ProviderInspection.Reason("webgpu::Initialize(const Config&) result.status == Success was false. Failed to get a WebGPU adapter: No supported adapters."));

    [Fact]
    public void What_is_missing_for_cuda_is_named()
    {
        Assert.SkipUnless(OrtEnvironment.AvailableProviders.Contains("CUDAExecutionProvider"), "This library was built without CUDA.");

        var status = OrtEnvironment.Inspect(ExecutionProvider.Cuda);

        Assert.True(status.IsInLibrary);
        Assert.Equal("OM5014", status.Code);
        Assert.Contains("providers_shared", status.Problem, StringComparison.Ordinal);
        Assert.Contains(Path.GetDirectoryName(OrtEnvironment.LibraryPath)!, status.Problem, StringComparison.Ordinal);
        Assert.All(status.Libraries, file => Assert.False(file.Exists));
    }

    [Fact]
    public void The_cpu_misses_nothing() => Assert.Null(OrtEnvironment.Inspect(ExecutionProvider.Cpu).Problem);

    /// <summary>A folder with the real library and a provider's beside it.</summary>
    private string BesideProvider(ReadOnlySpan<byte> provider, string library = "onnxruntime_providers_cuda")
    {
        string name = OperatingSystem.IsWindows() ? $"{library}.dll" : OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";
        Write(name, provider);
        string path = Path.Combine(_folder, LibraryLocator.FileName);
        File.CreateSymbolicLink(path, OrtEnvironment.LibraryPath);
        return path;
    }

    private static OrtLibrary LibraryAt(string path) => OrtLibrary.Load(path);

    private string Write(string name, ReadOnlySpan<byte> content)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }
}
