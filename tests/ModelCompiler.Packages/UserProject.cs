using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using ModelCompiler.Tests;

namespace ModelCompiler.Packages;

/// <summary>What a user has: a folder outside of the repository with a project, a model and data. The feed is the only source of packages.</summary>
internal sealed class UserProject : IDisposable
{
    private const int PixelsOfDigit = 28 * 28;

    private readonly PackageFixture _package;

    private readonly string _folder;

    /// <param name="package">The packages.</param>
    /// <param name="items">The items of the project.</param>
    /// <param name="properties">More properties.</param>
    /// <param name="folder">A folder for the project within the workspace.</param>
    public UserProject(PackageFixture package, string items, string properties = "", string folder = "")
    {
        _package = package;
        _folder = folder;
        Write("nuget.config", package.NuGetConfig);
        string sample = DotNet.BuildFact("Sample");
        CopyFrom(sample, "models/digits.onnx");
        CopyFrom(sample, "data/calibration.npz");
        CopyFrom(sample, "data/evaluation.npz");
        WriteProject(items, properties);
    }

    public Workspace Files { get; } = new();

    /// <summary>The folder of the project.</summary>
    public string Folder => Path.Combine(Files.Folder, _folder);

    public string PathOf(string relative) => Path.Combine(Folder, relative);

    public string Write(string relative, string content) => Files.Write(Path.Combine(_folder, relative), content);

    public void WriteProject(string items, string properties = "") => Write("App.csproj", $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            <GenerateDocumentationFile>true</GenerateDocumentationFile>
            <ModelCompilerCache Condition="'$(ModelCompilerCache)' == ''">{_package.Cache}</ModelCompilerCache>
            {properties}
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="ModelCompiler" Version="{_package.Version}" />
            {items}
          </ItemGroup>
        </Project>
        """);

    public string Build(params string[] arguments) => DotNet.Build(Folder, arguments);

    public (int ExitCode, string Output) TryBuild(params string[] arguments) => DotNet.TryBuild(Folder, arguments);

    /// <summary>Runs a program that was built or published.</summary>
    public string Run(string program, params string[] arguments)
    {
        var (exitCode, output) = DotNet.Run(Folder, [PathOf(program), .. arguments]);
        return exitCode == 0 ? output.Trim() : throw new InvalidOperationException($"{program} gave {exitCode}:\n{output}");
    }

    /// <summary>Writes the pixels of an evaluation digit as raw floats.</summary>
    /// <returns>What the digit is.</returns>
    public string WriteDigit(int index, string file)
    {
        using var data = ZipFile.OpenRead(PathOf("data/evaluation.npz"));
        var pixels = ReadArray<float>(data, "input").AsSpan(index * PixelsOfDigit, PixelsOfDigit);
        File.WriteAllBytes(PathOf(file), MemoryMarshal.AsBytes(pixels).ToArray());
        return ReadArray<long>(data, "labels")[index].ToString(CultureInfo.InvariantCulture);
    }

    public void Dispose() => Files.Dispose();

    /// <summary>The elements of a NumPy file of version 1: magic, version, a header of the length at byte 8, and the data.</summary>
    private static T[] ReadArray<T>(ZipArchive archive, string name)
        where T : unmanaged
    {
        using var content = new MemoryStream();
        using (var entry = archive.GetEntry(name + ".npy")!.Open())
        {
            entry.CopyTo(content);
        }

        byte[] bytes = content.ToArray();
        return MemoryMarshal.Cast<byte, T>(bytes.AsSpan(10 + BitConverter.ToUInt16(bytes, 8))).ToArray();
    }

    private void CopyFrom(string folder, string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(file))!);
        File.Copy(Path.Combine(folder, file), PathOf(file));
    }
}
