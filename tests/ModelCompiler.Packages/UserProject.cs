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

    public UserProject(PackageFixture package, string items)
    {
        _package = package;
        Files.Write("nuget.config", $"""
            <configuration>
              <packageSources>
                <clear />
                <add key="local" value="{package.Feed}" />
              </packageSources>
            </configuration>
            """);
        string sample = DotNet.BuildFact("Sample");
        CopyFrom(sample, "models/digits.onnx");
        CopyFrom(sample, "data/calibration.npz");
        CopyFrom(sample, "data/evaluation.npz");
        WriteProject(items);
    }

    public Workspace Files { get; } = new();

    public void WriteProject(string items, string properties = "") => Files.Write("App.csproj", $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            <GenerateDocumentationFile>true</GenerateDocumentationFile>
            <RestorePackagesPath>{_package.Restored}</RestorePackagesPath>
            {properties}
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="ModelCompiler" Version="{_package.Version}" />
            {items}
          </ItemGroup>
        </Project>
        """);

    public string Build(params string[] arguments) => DotNet.Build(Files.Folder, arguments);

    public (int ExitCode, string Output) TryBuild(params string[] arguments) => DotNet.TryBuild(Files.Folder, arguments);

    /// <summary>Runs a program that was built or published.</summary>
    public string Run(string program, params string[] arguments)
    {
        var (exitCode, output) = DotNet.Run(Files.Folder, [Files.PathOf(program), .. arguments]);
        return exitCode == 0 ? output.Trim() : throw new InvalidOperationException($"{program} gave {exitCode}:\n{output}");
    }

    /// <summary>Writes the pixels of an evaluation digit as raw floats.</summary>
    /// <returns>What the digit is.</returns>
    public string WriteDigit(int index, string file)
    {
        using var data = ZipFile.OpenRead(Files.PathOf("data/evaluation.npz"));
        var pixels = ReadArray<float>(data, "input").AsSpan(index * PixelsOfDigit, PixelsOfDigit);
        File.WriteAllBytes(Files.PathOf(file), MemoryMarshal.AsBytes(pixels).ToArray());
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
        Directory.CreateDirectory(Path.GetDirectoryName(Files.PathOf(file))!);
        File.Copy(Path.Combine(folder, file), Files.PathOf(file));
    }
}
