using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace ModelCompiler.Tests;

/// <summary>
/// SwiftShader, a Vulkan driver that runs on the CPU, and the Vulkan loader: with them the WebGPU provider runs where there is no GPU. Both come
/// out of the npm package that tests/vulkan pins. Share this file, PublicModels.cs and NpmPackages.cs by Compile items with links.
/// </summary>
internal static class SoftwareVulkan
{
    private const string Archive = "node_modules/@sparticuz/chromium/bin/swiftshader.tar.br";
    private const string Loader = "libvulkan.so.1";
    private const string DriverVariable = "VK_ICD_FILENAMES";

    private static readonly Lazy<string> Folder = new(() => NpmPackages.Restore("vulkan", Unpack));
    private static readonly Lazy<bool> Loaded = new(Load);

    /// <summary>Why it cannot be used here; null where it can.</summary>
    public static string? Unavailable => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64
        ? null
        : "SwiftShader is fetched for Linux x64 only.";

    /// <summary>What the environment of a process must have to run on it.</summary>
    public static IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>
    {
        ["LD_LIBRARY_PATH"] = Folder.Value,
        [DriverVariable] = Path.Combine(Folder.Value, "vk_swiftshader_icd.json"),
    };

    /// <summary>The same without any driver: what a machine without a GPU has.</summary>
    public static IReadOnlyDictionary<string, string> VariablesWithoutDriver =>
        new Dictionary<string, string>(Variables) { [DriverVariable] = Path.Combine(Folder.Value, "no-driver.json") };

    /// <summary>Makes it what this process runs WebGPU on.</summary>
    public static void Use() => _ = Loaded.Value;

    private static bool Load()
    {
        // .NET keeps an environment of its own; the driver is looked for in the C library's. A library that is loaded is found by its name.
        return SetEnvironment(Text(DriverVariable), Text(Variables[DriverVariable]), 1) == 0 && NativeLibrary.Load(Path.Combine(Folder.Value, Loader)) != 0;
    }

    /// <summary>Keeps 7 MB of the 69 that the package has: the rest is a browser.</summary>
    private static void Unpack(string folder)
    {
        using (FileStream file = File.OpenRead(Path.Combine(folder, Archive)))
        using (var tar = new BrotliStream(file, CompressionMode.Decompress))
        {
            TarFile.ExtractToDirectory(tar, folder, overwriteFiles: true);
        }
        Directory.Delete(Path.Combine(folder, "node_modules"), recursive: true);
    }

    [DllImport("libc", EntryPoint = "setenv")]
    private static extern int SetEnvironment(byte[] name, byte[] value, int overwrite);

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text + '\0');
}
